// The address is the state of the dashboard. One function keeps it and the filters the same, in both
// directions: a change of the address (first load, Back, Forward, a link) sets the filters, a change
// of a filter writes the address and makes one step of history.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.address = {
  follow: function (search, ...values) {
    const names = ["period", "calendar", "place", "indicator", "edition"];
    const left_out = { edition: "current" }; // what an address does not say
    const unchanged = window.dash_clientside.no_update;
    const query = new URLSearchParams(search || "");
    const triggered = window.dash_clientside.callback_context.triggered.map((t) => t.prop_id);
    const fromAddress = triggered.length === 0 || triggered.some((id) => id.endsWith("location.search"));
    if (fromAddress || values.some((value) => value === null || value === undefined)) {
      const wanted = names.map((name) => query.get(name) || left_out[name] || null);
      return [unchanged, ...wanted.map((value, i) => (value === null || value === values[i] ? unchanged : value))];
    }
    const before = query.toString();
    names.forEach((name, i) => (values[i] === left_out[name] ? query.delete(name) : query.set(name, values[i])));
    const after = query.toString();
    return [after === before ? unchanged : "?" + after, ...names.map(() => unchanged)];
  },
};
