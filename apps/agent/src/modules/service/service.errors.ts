import { AppError } from '@holdfast/kernel';

export type ServiceErrorCode =
  | 'SERVICE_NEEDS_ROOT'
  | 'SERVICE_NEEDS_SYSTEMD'
  | 'SERVICE_NEEDS_RELEASE'
  | 'SERVICE_NEEDS_ENROLMENT'
  | 'SERVICE_PATH_UNUSABLE'
  | 'SERVICE_FOLDER_UNSAFE'
  | 'SERVICE_TOOL_FAILED'
  | 'AGENT_RUNS';

/** The service could not be installed or removed. */
export class ServiceError extends AppError<ServiceErrorCode> {}
