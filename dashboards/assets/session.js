// A session that has ended is answered with 401. The page is then loaded anew, which leads to the form and back here.
(() => {
  const ask = window.fetch;
  window.fetch = async (...what) => {
    const answer = await ask(...what);
    if (answer.status === 401) window.location.reload();
    return answer;
  };
})();
