// own state machine on pg-boss: state change + boss.send in one transaction
const { PgBoss } = require("pg-boss"),
  { Pool } = require("pg"),
  { rabbit, serve } = require("./common");
(async () => {
  const emit = await rabbit();
  const cs = process.env.DATABASE_URL;
  const pool = new Pool({ connectionString: cs, max: +(process.env.POOL || 20) });
  pool.on("error", () => {});
  const boss = new PgBoss({ connectionString: cs, max: 16, useListenNotify: true });
  boss.on("error", (e) => console.error(String(e).slice(0, 200)));
  await boss.start();
  for (const n of ["emit", "deadline"])
    if (!(await boss.getQueue(n)))
      await boss.createQueue(n, { notify: n === "emit", retryLimit: 5 });
  await pool.query(
    `create table if not exists g_esc(id text primary key, state text not null, timer_ms bigint, ver int not null default 1)`,
  );
  const tx = async (f) => {
    const c = await pool.connect();
    try {
      await c.query("begin");
      const db = { executeSql: (t, v) => c.query(t, v) };
      await f(c, db);
      await c.query("commit");
    } catch (e) {
      await c.query("rollback").catch(() => {});
      throw e;
    } finally {
      c.release();
    }
  };
  const start = (id, mode, due) =>
    tx(async (c, db) => {
      const r = await c.query({
        name: "s",
        text: `insert into g_esc values($1,$2,$3) on conflict do nothing`,
        values: [id, mode === "timer" ? "timing" : "raised", due],
      });
      if (r.rowCount) {
        if (mode === "timer")
          await boss.send("deadline", { id, due }, { startAfter: new Date(due), db });
        else await boss.send("emit", { id, step: "raised" }, { db });
      }
    });
  const signal = (id, name) =>
    tx(async (c, db) => {
      const [from, to, ev] =
        name === "duty" ? ["raised", "duty", "duty"] : ["duty", "timing", "decided"];
      const r = await c.query({
        name: "u",
        text: `update g_esc set state=$3, ver=ver+1 where id=$1 and state=$2 returning timer_ms`,
        values: [id, from, to],
      });
      if (r.rowCount) {
        await boss.send("emit", { id, step: ev }, { db });
        if (to === "timing")
          await boss.send(
            "deadline",
            { id },
            { startAfter: new Date(Date.now() + Number(r.rows[0].timer_ms)), db },
          );
      }
    });
  const tuned = process.env.TUNED !== "0";
  const o = tuned
    ? { pollingIntervalSeconds: 0.5, batchSize: 200, localConcurrency: 2, burstWhenBatchFull: true }
    : {};
  for (const k of Object.keys(o)) if (o[k] === undefined) delete o[k];
  await boss.work("emit", o, async (jobs) => {
    await Promise.all(jobs.map((j) => emit(j.data.id, j.data.step, j.data.due, j.data.at)));
  });
  await boss.work("deadline", o, async (jobs) => {
    const at = Date.now();
    await tx(async (c, db) => {
      const ids = jobs.map((j) => j.data.id);
      const r = await c.query(
        `update g_esc set state='closed', ver=ver+1 where id=any($1) and state='timing' returning id`,
        [ids],
      );
      const ok = new Set(r.rows.map((x) => x.id));
      const js = jobs
        .filter((j) => ok.has(j.data.id))
        .map((j) => ({ data: { id: j.data.id, step: "closed", due: j.data.due, at } }));
      if (js.length) await boss.insert("emit", js, { db });
    });
  });
  serve(+process.env.PORT, start, signal);
  console.log("LISTEN");
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
