import { AppError } from '@holdfast/kernel';

/** Why a datagram is refused. The order of the checks is the order of this list. */
export const DatagramRefusal = {
  /** Shorter than 56, longer than 512, or not the length of its type. */
  length: 'DATAGRAM_LENGTH',
  version: 'DATAGRAM_VERSION_UNKNOWN',
  type: 'DATAGRAM_TYPE_UNKNOWN',
  /** Product number, epoch or sequence is 0 or beyond its bound. */
  range: 'DATAGRAM_OUT_OF_RANGE',
  /** The code does not prove the content. Nothing after it is read, and nothing is answered. */
  mac: 'DATAGRAM_MAC_INVALID',
  /** Activity items overrun, are not ascending, are too many, or have a wrong length. */
  items: 'DATAGRAM_ITEMS_MALFORMED',
} as const;
export type DatagramRefusal = (typeof DatagramRefusal)[keyof typeof DatagramRefusal];

export class DatagramError extends AppError<DatagramRefusal> {}

const messages: Record<DatagramRefusal, string> = {
  DATAGRAM_LENGTH: 'The datagram does not have the length of its type.',
  DATAGRAM_VERSION_UNKNOWN: 'The datagram has an unknown version.',
  DATAGRAM_TYPE_UNKNOWN: 'The datagram has an unknown type.',
  DATAGRAM_OUT_OF_RANGE: 'Product number, epoch or sequence of the datagram is out of range.',
  DATAGRAM_MAC_INVALID: 'The authentication code of the datagram is wrong.',
  DATAGRAM_ITEMS_MALFORMED: 'The activity items of the datagram are malformed.',
};

/** The error that says this refusal to people. */
export function createDatagramError(code: DatagramRefusal): DatagramError {
  return new DatagramError(code, messages[code]);
}
