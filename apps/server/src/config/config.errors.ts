import { AppError, type AppErrorOptions } from '@holdfast/kernel';

/** One variable that cannot be used, and why. */
export interface ConfigurationFault {
  readonly variable: string;
  readonly message: string;
}

/** The configuration cannot be used. Lists every fault, so that one look mends all of them. */
export class ConfigurationError extends AppError<'CONFIGURATION_INVALID'> {
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[], options: AppErrorOptions = {}) {
    const lines = faults.map((fault) => `\n  ${fault.variable}: ${fault.message}`);
    super('CONFIGURATION_INVALID', `The configuration cannot be used:${lines.join('')}`, {
      remedy: 'Correct the variables named above; docs/configuration.md describes all of them.',
      facts: { variables: faults.map((fault) => fault.variable) },
      ...options,
    });
    this.faults = faults;
  }
}
