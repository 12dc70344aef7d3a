// own state machine on graphile-worker: state change + job insert are ONE statement (one transaction)
const { run, Logger, runMigrations } = require("graphile-worker"),
  { Pool } = require("pg"),
  { rabbit, serve } = require("./common");
(async () => {
  const emit = await rabbit();
  const cs = process.env.DATABASE_URL;
  const pool = new Pool({ connectionString: cs, max: +(process.env.POOL || 16) });
  const wpool = new Pool({ connectionString: cs, max: 24 });
  pool.on("error", () => {});
  wpool.on("error", () => {});
  const quiet = new Logger(() => () => {});
  await runMigrations({ pgPool: wpool, logger: quiet });
  await pool.query(
    `create table if not exists g_esc(id text primary key, state text not null, timer_ms bigint, ver int not null default 1)`,
  );
  const q = (name, text, values) => pool.query({ name, text, values });
  const start = (id, mode, due) =>
    mode === "timer"
      ? q(
          "st",
          `with x as (insert into g_esc values($1,'timing',0) on conflict do nothing returning id) select graphile_worker.add_job('deadline', json_build_object('id',id,'due',$2::float8), run_at:=to_timestamp($2::float8/1000)) from x`,
          [id, due],
        )
      : q(
          "s",
          `with x as (insert into g_esc values($1,'raised',$2) on conflict do nothing returning id) select graphile_worker.add_job('emit', json_build_object('id',id,'step','raised')) from x`,
          [id, due],
        );
  const signal = (id, name) =>
    name === "duty"
      ? q(
          "d",
          `with x as (update g_esc set state='duty', ver=ver+1 where id=$1 and state='raised' returning id) select graphile_worker.add_job('emit', json_build_object('id',id,'step','duty')) from x`,
          [id],
        )
      : q(
          "c",
          `with x as (update g_esc set state='timing', ver=ver+1 where id=$1 and state='duty' returning id, timer_ms) select graphile_worker.add_job('emit', json_build_object('id',id,'step','decided')), graphile_worker.add_job('deadline', json_build_object('id',id), run_at:=now()+timer_ms*interval '1 ms') from x`,
          [id],
        );
  const taskList = {
    emit: async (p) => emit(p.id, p.step, p.due, p.at),
    deadline: async (p) => {
      const at = Date.now();
      await q(
        "dl",
        `with x as (update g_esc set state='closed', ver=ver+1 where id=$1 and state='timing' returning id) select graphile_worker.add_job('emit', json_build_object('id',id,'step','closed','due',$2::float8,'at',$3::float8)) from x`,
        [p.id, p.due ?? null, at],
      );
    },
  };
  const tuned = process.env.TUNED !== "0";
  const preset = {
    worker: tuned
      ? {
          concurrentJobs: 50,
          pollInterval: +(process.env.POLL || 100),
          localQueue: { size: 500 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        }
      : { concurrentJobs: 10 },
  };
  preset.worker.logger = quiet;
  await run({ preset, pgPool: wpool, taskList, noHandleSignals: true });
  serve(+process.env.PORT, start, signal);
  console.log("LISTEN");
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
