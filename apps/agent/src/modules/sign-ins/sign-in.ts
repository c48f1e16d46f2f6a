/** One way in which a person is signed in at this device; a person may have several. */
export interface SignIn {
  readonly userName: string;
  /** As the system counts its users; absent where it does not say. */
  readonly userId?: number;
  /** Without `/dev/`; absent where there is none. */
  readonly terminal?: string;
  /** How the system names this way in, where that is needed to speak to it. */
  readonly id?: string;
  readonly isDesktop: boolean;
  /** Over the network. */
  readonly isRemote: boolean;
}

/** Reads who is signed in. What the system does not tell is not there; it never fails. */
export interface SignInReader {
  list(): Promise<readonly SignIn[]>;
}

/** More people than sit at any device; beyond it the rest is left out. */
export const MAX_SIGN_INS = 64;
