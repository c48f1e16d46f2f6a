import { createSocket } from 'node:dgram';
import { serveSubject } from '../subject.ts';

/** The reference: a bare socket that sends back what it gets. */
const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 });
socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address, () => {}));
socket.bind(0, '127.0.0.1', () => serveSubject({ port: socket.address().port }));
