const { DBOS } = require("@dbos-inc/dbos-sdk"),
  { rabbit, serve } = require("./common");
(async () => {
  const emit = await rabbit();
  const FOREVER = { timeoutSeconds: 30 * 86400 };
  const step = (id, s, due) => DBOS.runStep(() => emit(id, s, due), { name: "emit_" + s });
  const wf = DBOS.registerWorkflow(
    async (id, mode, due) => {
      if (mode === "timer") {
        await DBOS.sleep(Math.max(0, due - Date.now()));
        await step(id, "closed", due);
        return;
      }
      await step(id, "raised");
      await DBOS.recv("duty", FOREVER);
      await step(id, "duty");
      await DBOS.recv("decide", FOREVER);
      await step(id, "decided");
      await DBOS.sleep(due);
      await step(id, "closed");
    },
    { name: "escalation" },
  );
  DBOS.setConfig({
    name: "perf",
    systemDatabaseUrl: process.env.DATABASE_URL,
    systemDatabasePoolSize: +(process.env.POOL || 32),
    logLevel: "error",
    applicationVersion: "v1",
  });
  await DBOS.launch();
  serve(
    +process.env.PORT,
    (id, mode, due) => DBOS.startWorkflow(wf, { workflowID: id })(id, mode, due),
    (id, name) => DBOS.send(id, 1, name, id + name),
  );
  console.log("LISTEN");
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
