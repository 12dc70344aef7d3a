// shared by all Node peers: RabbitMQ emitter with publisher confirms (durable classic queue, persistent messages)
const amqp = require("amqplib"),
  http = require("http");
exports.rabbit = async () => {
  const conn = await amqp.connect(process.env.BUS_URL);
  conn.on("error", (e) => {
    console.error("amqp", e);
    process.exit(4);
  });
  const ch = await conn.createConfirmChannel();
  await ch.assertQueue("perf.events", { durable: true });
  return (id, step, due, at) =>
    new Promise((ok, no) =>
      ch.publish(
        "",
        "perf.events",
        Buffer.from(JSON.stringify({ id, step, due, at: at ?? Date.now() })),
        { persistent: true },
        (e) => (e ? no(e) : ok()),
      ),
    );
};
// POST /start/{id} {mode,due}   POST /signal/{id}/{duty|decide}
exports.serve = (port, start, signal) =>
  http
    .createServer((req, res) => {
      let b = "";
      req.on("data", (d) => (b += d));
      req.on("end", async () => {
        try {
          const [, verb, id, name] = req.url.split("/");
          const j = b ? JSON.parse(b) : {};
          if (verb === "start") await start(id, j.mode, j.due);
          else await signal(id, name);
          res.writeHead(200, { "content-type": "application/json" });
          res.end("{}");
        } catch (e) {
          res.writeHead(500);
          res.end(String(e && e.message));
        }
      });
    })
    .listen(port, "127.0.0.1");
