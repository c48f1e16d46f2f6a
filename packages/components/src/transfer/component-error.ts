import { ComponentError, type ComponentErrorCode } from '../component.errors.ts';
import { TransferError, type TransferErrorCode } from './transfer.errors.ts';

const codes: Readonly<Partial<Record<TransferErrorCode, ComponentErrorCode>>> = {
  SOURCE_TOO_SLOW: 'SOURCE_SLOW',
  SOURCE_UNREACHABLE: 'SOURCE_UNREACHABLE',
  SOURCE_BROKE_OFF: 'SOURCE_UNREACHABLE',
  SOURCE_BUSY: 'SOURCE_UNREACHABLE',
};

/** What failed in a transfer, as whoever follows signed metadata is told of it, with its facts. Anything else as it is. */
export function toComponentError(error: unknown): unknown {
  if (!(error instanceof TransferError)) return error;
  const { message, retry, facts, remedy } = error;
  return new ComponentError(codes[error.code] ?? 'SOURCE_REFUSED', message, {
    cause: error,
    retry,
    facts,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** The same bytes, with what fails on the way translated. */
export async function* translateErrors(
  bytes: AsyncIterable<Uint8Array>,
  translate: (error: unknown) => unknown = toComponentError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw translate(error);
  }
}
