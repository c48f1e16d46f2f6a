/**
 * A thread that receives heartbeats on a port that it shares with its neighbours, hands them to the server in batches, and sends the
 * answers. It holds no key and decides nothing: calls of the system are what heartbeats cost, and those it takes over.
 *
 * One batch is under way at a time; what comes meanwhile makes the next. So batches are small when there is time, and
 * large when there is none. It imports little, because each thread has its own copy of all that it imports.
 */
import type { Socket } from 'node:dgram';
import { parentPort, workerData } from 'node:worker_threads';
import { DatagramQueue } from './datagram-queue.ts';
import { DatagramsError } from './datagrams.errors.ts';
import type { AnswerPost, DatagramPost, ReceiverPost, ReceiverTask, ServerPost } from './receiver-post.ts';
import { UdpSockets } from './udp-sockets.ts';

const server = parentPort;
if (server === null) throw new Error('expected: to be started as a thread of the server');
const { host, port, maxDatagramBytes, answerBytes } = workerData as ReceiverTask;

const queue = new DatagramQueue<Socket>({ maxDatagramBytes });
let underWay: { readonly post: DatagramPost; readonly outlets: readonly Socket[] } | undefined;
let isHandingOver = false;

function tell(post: ReceiverPost): void {
  server?.postMessage(post);
}

function handOver(): void {
  isHandingOver = false;
  if (underWay !== undefined || queue.isEmpty) return;
  underWay = queue.takeBatch();
  tell(underWay.post);
}

/** Its address may have gone since the datagram came, and its socket with it: then the answer is a lost datagram like any other. */
function trySend(socket: Socket | undefined, answer: Uint8Array, toPort: number, address: string): void {
  try {
    socket?.send(answer, toPort, address);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_RUNNING'))
      throw error;
  }
}

function sendAnswers({ places, bytes }: AnswerPost): void {
  const { post, outlets } = underWay ?? { post: undefined, outlets: [] };
  underWay = undefined;
  for (const [index, place] of places.entries()) {
    const answer = bytes.subarray(index * answerBytes, (index + 1) * answerBytes);
    trySend(outlets[place], answer, post?.ports[place] ?? 0, post?.addresses[place] ?? '');
  }
  handOver();
}

try {
  const sockets = await UdpSockets.open({
    host,
    port,
    isShared: true,
    use(socket) {
      socket.on('message', (bytes, from) => {
        queue.add(bytes, from, socket);
        if (underWay !== undefined || isHandingOver) return;
        // After everything that has come by now.
        isHandingOver = true;
        setImmediate(handOver);
      });
      socket.on('error', ({ message }) => tell({ kind: 'fault', message }));
    },
  });
  server.on('message', (post: ServerPost) => {
    if (post.kind === 'answers') sendAnswers(post);
    else if (post.kind === 'send') sockets.send(post.bytes, post.port, post.address);
    else void sockets.close().then(() => server.close());
  });
  tell({ kind: 'listening', port: sockets.port });
} catch (error) {
  if (!(error instanceof DatagramsError)) throw error;
  tell({ kind: 'refused', code: error.code, message: error.message, remedy: error.remedy });
}
