export interface ProcessorInfo {
  readonly model: string | undefined;
  /** Logical processors. */
  readonly count: number;
  /** True when the processor itself says that a hypervisor runs it (x86 only). */
  readonly isUnderHypervisor: boolean;
}

/** Reads /proc/cpuinfo, whose fields differ by architecture: `model name` on x86, `Hardware` or `Model` on boards. */
export function parseProcessorInfo(text: string): ProcessorInfo {
  let count = 0;
  let isUnderHypervisor = false;
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    // Lower case on purpose: old ARM kernels have a line `Processor : ARMv7 …` besides the counted ones.
    if (name === 'processor') count++;
    if (name === 'flags' && /\bhypervisor\b/u.test(value)) isUnderHypervisor = true;
    if (value !== '' && !names.has(name)) names.set(name, value);
  }
  const model =
    names.get('model name') ??
    names.get('Model') ??
    names.get('Hardware') ??
    names.get('cpu model') ??
    names.get('cpu');
  return { model, count, isUnderHypervisor };
}
