import { AppError } from '@holdfast/kernel';

export const componentErrorStatus = {
  COMPONENT_NOT_FOUND: 404,
  COMPONENT_FILE_NOT_FOUND: 404,
  COMPONENT_SOURCE_NOT_FOUND: 404,
  COMPONENT_SOURCE_CHANGED: 409,
  COMPONENT_SOURCE_NAME_TAKEN: 409,
  COMPONENT_SOURCE_LIMIT_REACHED: 409,
  COMPONENT_SOURCE_ADDRESS_INVALID: 422,
  COMPONENT_SOURCE_UNUSABLE: 422,
  COMPONENT_SOURCES_MISSING: 409,
  COMPONENT_SOURCE_NOT_WRITTEN: 409,
  COMPONENT_ROOT_CHANGED: 409,
  COMPONENT_ROOT_TRUSTED_ALREADY: 409,
  COMPONENT_ROOT_MISSING: 409,
  COMPONENT_FOLDER_MISSING: 409,
  COMPONENT_DOWNLOAD_ENDING: 409,
  COMPONENT_RATES_CHANGED: 409,
  COMPONENT_SCHEDULE_CHANGED: 409,
  COMPONENT_SCHEDULE_INVALID: 422,
  COMPONENT_STATES_REPEATED: 400,
  COMPONENT_PLAN_NOT_FOUND: 404,
  COMPONENT_PLAN_CHANGED: 409,
  COMPONENT_PLAN_IN_USE: 409,
  COMPONENT_PLAN_NAME_TAKEN: 409,
  COMPONENT_PLAN_LIMIT_REACHED: 409,
  COMPONENT_PLAN_UNUSABLE: 422,
  COMPONENT_ROLLOUT_NOT_FOUND: 404,
  COMPONENT_ROLLOUT_OVER: 409,
} as const;

export type ComponentsErrorCode = keyof typeof componentErrorStatus;

/** Why components are not as somebody wants them. What is wrong with bytes and sources is a `ComponentError`. */
export class ComponentsError extends AppError<ComponentsErrorCode> {}

export function createComponentNotFound(): ComponentsError {
  return new ComponentsError('COMPONENT_NOT_FOUND', 'There is no such component.');
}

export function createSourceNotFound(): ComponentsError {
  return new ComponentsError('COMPONENT_SOURCE_NOT_FOUND', 'There is no such source.', {
    remedy: 'It may have been removed.',
  });
}

export function createAddressInvalid(what: string, remedy: string): ComponentsError {
  return new ComponentsError('COMPONENT_SOURCE_ADDRESS_INVALID', what, { remedy });
}

/** The server was started without a folder for them, as some tests are. */
export function createFolderMissing(): ComponentsError {
  return new ComponentsError('COMPONENT_FOLDER_MISSING', 'This server has no folder for components.', {
    remedy: 'Start it with a home.',
  });
}
