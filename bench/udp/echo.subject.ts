import { createSocket } from 'node:dgram';
import { serveSubject } from '../subject.ts';

/** The reference: a bare socket that sends back what it gets. */
const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 });
let answered = 0;
socket.on('message', (bytes, from) => {
  answered += 1;
  socket.send(bytes, from.port, from.address);
});
socket.bind(0, '127.0.0.1', () =>
  serveSubject({ port: socket.address().port }, () => ({ answered, threadCpuUs: 0 })),
);
