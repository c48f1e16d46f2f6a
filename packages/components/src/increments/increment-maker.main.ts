// The thread of `createIncrementMaker`: makes one increment and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { makeIncrement } from './make-increment.ts';
import { type MakerPost, type MakerTask, toPost } from './maker-post.ts';

const port = parentPort;
if (port === null) throw new Error('expected: to run as a thread');
// It was written by the thread that started this one.
const task = workerData as MakerTask;
const say = (post: MakerPost): void => port.postMessage(post);

try {
  const made = await makeIncrement({ ...task, onProgress: (part) => say({ kind: 'progress', part }) });
  say({ kind: 'made', made });
} catch (error) {
  say(toPost(error));
}
