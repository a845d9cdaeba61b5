// A session that has ended is answered with 401. The page is then loaded anew, which leads to the form and back here.
// Once: a page asks several questions at a time, and each further loading would break off the one before it. Who asked
// is left waiting, for the page that asked is on its way out.
(() => {
  const ask = window.fetch;
  let leaving = false;
  window.fetch = async (...what) => {
    const answer = await ask(...what);
    if (answer.status !== 401) return answer;
    if (!leaving) window.location.reload();
    leaving = true;
    return new Promise(() => {});
  };
})();
