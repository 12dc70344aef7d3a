const restate = require("@restatedev/restate-sdk"),
  http2 = require("http2"),
  { rabbit } = require("./common");
(async () => {
  const emit = await rabbit();
  const esc = restate.workflow({
    name: "esc",
    handlers: {
      run: async (ctx, { mode, due }) => {
        const id = ctx.key;
        if (mode === "timer") {
          await ctx.sleep(Math.max(0, due - Date.now()));
          await ctx.run("e", () => emit(id, "closed", due));
          return;
        }
        await ctx.run("e1", () => emit(id, "raised"));
        await ctx.promise("duty");
        await ctx.run("e2", () => emit(id, "duty"));
        await ctx.promise("decide");
        await ctx.run("e3", () => emit(id, "decided"));
        await ctx.sleep(due);
        await ctx.run("e4", () => emit(id, "closed"));
      },
      duty: async (ctx) => {
        await ctx.promise("duty").resolve(1);
      },
      decide: async (ctx) => {
        await ctx.promise("decide").resolve(1);
      },
    },
  });
  const ep = restate.endpoint().bind(esc);
  http2
    .createServer(ep.http2Handler())
    .listen(+process.env.PORT, "127.0.0.1", () => console.log("LISTEN"));
})();
