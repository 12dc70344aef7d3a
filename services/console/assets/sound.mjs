// The sounds, made here: no file, and nobody else's. A browser plays none before a gesture.

// Pitch in hertz and length in seconds, one tone after the other; 0 is a rest.
const TONES = {
  concern: [[880, 0.2], [660, 0.2], [880, 0.2], [660, 0.2], [0, 0.2], [880, 0.2], [660, 0.2], [880, 0.2], [660, 0.2]],
  notice: [[660, 0.25], [0, 0.1], [880, 0.35]],
  stale: [[220, 0.6], [0, 0.3], [196, 0.9]],
};

let context;

export async function unlock() {
  const Context = globalThis.AudioContext;
  if (!Context) return false;
  context ??= new Context();
  // Without a gesture some browsers never answer.
  await Promise.race([context.resume(), new Promise((go) => setTimeout(go, 300))]);
  return isOn();
}

export const isOn = () => context?.state === "running";

export function play(name) {
  if (!isOn() || !TONES[name]) return;
  let at = context.currentTime + 0.05;
  for (const [pitch, length] of TONES[name]) {
    if (pitch) tone(pitch, at, length);
    at += length;
  }
  document.documentElement.dataset.sounded = name;
}

function tone(pitch, at, length) {
  const source = new OscillatorNode(context, { type: "triangle", frequency: pitch });
  const gain = new GainNode(context, { gain: 0 });
  // Neither begins nor ends with a click.
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.4, at + 0.02);
  gain.gain.setValueAtTime(0.4, at + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, at + length);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + length);
}
