import { printFault } from './fault.mjs';
import { runInForeground } from './foreground.mjs';

/**
 * What every program of `tools/` and `bin/` is: runs the work, and ends with its exit code. Whatever the end is, an exit code other
 * than 0 never goes without a sentence.
 *
 * @param work resolves with the exit code, or nothing for 0; what it throws is printed
 */
export async function runProgram(work) {
  let isTold = false;
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    stream.write = (...args) => {
      isTold = true;
      return write(...args);
    };
    // Whoever read it has gone, and nobody is left to tell.
    stream.on('error', () => undefined);
  }
  process.on('exit', (code) => {
    if (code !== 0 && !isTold)
      process.stderr.write(`This program ended with status ${code} before its work was done.\n`);
  });
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    printFault(error);
    process.exitCode = 1;
  }
}

/**
 * Runs another program in our place, and tells what it could not tell itself.
 *
 * @param name what people call it
 * @param saysItself whether it is one of ours, which says why it ends; of others the status is told
 * @returns its exit code, and whether somebody asked it to end
 */
export async function becomeProgram(name, file, args, { saysItself = true, ...options } = {}) {
  const { code, signal, wasAsked } = await runInForeground(file, args, options);
  if (signal !== null && !wasAsked) process.stderr.write(`${name} was ended by ${signal}.\n`);
  else if (code !== 0 && !saysItself) process.stderr.write(`${name} ended with status ${code}.\n`);
  return { code, wasAsked };
}
