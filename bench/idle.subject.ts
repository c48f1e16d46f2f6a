import { serveSubject } from './subject.ts';

/** The reference: a runtime that does nothing but stay. */
serveSubject({ port: 0, pid: process.pid });
