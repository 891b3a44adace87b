// Loaded before `emulate`, which would listen on every address of the machine: here it does on loopback alone.
const { Server } = require("node:net");

const { listen } = Server.prototype;
Server.prototype.listen = function (...given) {
  const [first, second] = given;
  if (typeof first === "number" && typeof second !== "string") given.splice(1, 0, "127.0.0.1");
  else if (first?.port !== undefined && !first.host) given[0] = { ...first, host: "127.0.0.1" };
  return listen.apply(this, given);
};
