// Stands before Material's search worker. A page that opens gives its worker an index without sections, which is small;
// the sections, several times the weight of a page, are fetched here when a query comes.
{
  const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3]; // Material's kinds of messages
  const post = self.postMessage.bind(self);
  const toMaterial = (data) => dispatchEvent(new MessageEvent("message", { data }));
  let setup = null;
  let filling = null; // a promise once there was a query
  let isFilled = false;

  const fill = async () => {
    const answer = await fetch(new URL("../../../search/sections.json", location));
    if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
    const data = { ...setup.data, docs: await answer.json() };
    await new Promise((done) => {
      self.postMessage = done; // Material says that it is ready, which the page believes already
      toMaterial({ ...setup, data });
    });
    self.postMessage = post;
    isFilled = true;
  };

  addEventListener("message", async (event) => {
    const { data, isTrusted } = event;
    if (!isTrusted || isFilled) return; // Material's to answer
    event.stopImmediatePropagation();
    if (data.type === SETUP) {
      setup = data;
      post({ type: READY });
    } else if (data.type === QUERY && !data.data.trim()) { // the first one, as soon as the page is there
      post({ type: RESULT, data: { items: [] } });
    } else if (data.type === QUERY) {
      filling ??= fill().catch((error) => {
        filling = null; // the next query tries again
        throw error;
      });
      await filling;
      toMaterial(data);
    }
  });
}
