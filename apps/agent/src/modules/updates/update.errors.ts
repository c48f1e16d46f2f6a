import { AppError } from '@holdfast/kernel';

export type UpdateErrorCode =
  /** The file of local settings is not what it should be. Nothing is switched until it is. */
  | 'COMPONENT_SETTINGS_INVALID'
  /** This agent has no handler of that name. */
  | 'COMPONENT_HANDLER_UNKNOWN'
  /** Something that Holdfast did not put there lies in the component's place. */
  | 'COMPONENT_PLACE_TAKEN'
  /** The place of the component cannot be written. */
  | 'COMPONENT_PLACE_UNUSABLE'
  /** The file is not what the handler takes. */
  | 'COMPONENT_FILE_WRONG'
  /** The file is not the one that was verified any more. */
  | 'COMPONENT_FILE_CHANGED'
  /** The program that uses the component did not accept it. */
  | 'COMPONENT_TRY_FAILED'
  /** What is needed to use the component is not on this computer. */
  | 'COMPONENT_PROGRAM_MISSING'
  /** The program that uses the component did not take it up. */
  | 'COMPONENT_RELOAD_FAILED'
  /** Neither the new nor the previous release could be put in place. */
  | 'COMPONENT_ROLL_BACK_FAILED'
  /** The new program of the agent did not start. */
  | 'AGENT_PROGRAM_DID_NOT_START'
  /** The new program of the agent did not reach the server in time. */
  | 'AGENT_PROGRAM_DID_NOT_CHECK_IN'
  /** Nothing would go back to the previous program of the agent, or start it again. */
  | 'AGENT_PROGRAM_NOT_WATCHED'
  | 'DEPENDENCY_MISSING'
  | 'DEPENDENCY_CYCLE'
  /** The volume of the state folder has no room for the files of the component. */
  | 'COMPONENT_NO_ROOM'
  /** What was fetched is not what signed metadata say. */
  | 'COMPONENT_FILE_UNVERIFIED'
  /** A component that was named is not among those of this computer. */
  | 'COMPONENT_UNKNOWN'
  /** Something went wrong that nobody foresaw. The log tells more. */
  | 'COMPONENT_FAULT';

/** Something about the components of this computer did not come about. What was in use before still is. */
export class UpdateError extends AppError<UpdateErrorCode> {}
