import { createCallWindow, narrowWindow, widenWindow } from './call-window.ts';

/** Registrations that wait for their turn: as many at once as the server was seen to take. */
export class RegistrationQueue {
  readonly #run: (index: number) => Promise<void>;
  readonly #nowMs: () => number;
  readonly #waiting: number[] = [];
  #window: ReturnType<typeof createCallWindow>;
  #running = 0;

  /** @param options.run registers one product; rejects when the server refused or did not answer */
  constructor(options: {
    readonly max: number;
    readonly nowMs: () => number;
    readonly run: (index: number) => Promise<void>;
  }) {
    this.#run = options.run;
    this.#nowMs = options.nowMs;
    this.#window = createCallWindow(options.max);
  }

  add(index: number): void {
    this.#waiting.push(index);
    this.#fill();
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  #fill(): void {
    while (this.#running < Math.floor(this.#window.size)) {
      const index = this.#waiting.pop();
      if (index === undefined) return;
      this.#running++;
      this.#run(index).then(
        () => this.#end(widenWindow(this.#window)),
        () => this.#end(narrowWindow(this.#window, this.#nowMs())),
      );
    }
  }

  #end(window: ReturnType<typeof createCallWindow>): void {
    this.#window = window;
    this.#running--;
    this.#fill();
  }
}
