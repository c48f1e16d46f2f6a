/**
 * Joins a server and remembers to which one the agent belongs. Promises that the private key is made here, written once and
 * never sent; that a server is asked nothing before its authority has the fingerprint of the enrolment token; that a
 * registration is saved whole or not at all; and that enrolling again changes nothing. A token is kept only where
 * `run` has to go on with it, and no longer than until the server has answered.
 */
export { getRegisteredKey } from './product-key-file.ts';
export { enrol, type EnrolmentOptions, type EnrolmentOutcome } from './enrolment.service.ts';
export { enrolInBackground, isWayToServer } from './background-enrolment.ts';
export { type EnrolmentWaiting, findWaiting, saveWaiting } from './enrolment-waiting.ts';
export { forgetToken, keepToken } from './kept-token.ts';
export { createAddressBook } from './address-book.ts';
export { createKeyRenewal, type KeyRenewal } from './key-renewal.ts';
export { createProductMemory, type ProductMemory } from './product-memory.ts';
export { createNotEnrolledError, RegistrationError } from './registration.errors.ts';
export { createRegistrationStore, type Registration } from './registration.store.ts';
export { findTrustedRepository } from './trusted-repository.ts';
