/** The alarm of a Task DO: set only to move it earlier, set again when it was lost, taken back when nothing is left to wake for. */
type AlarmStorage = Pick<DurableObjectStorage, 'getAlarm' | 'setAlarm' | 'deleteAlarm'>

export class Alarm {
  readonly #storage: AlarmStorage
  /** When it is set to fire; null: it is not set. */
  #at: number | null = null
  /** When the one fires that stands in for a lost one: send slots before it may have been missed. */
  #standsIn: number | null = null

  constructor(storage: AlarmStorage) {
    this.#storage = storage
  }

  /** Learns from storage whether it is set. */
  async read(): Promise<void> {
    this.learn(await this.#storage.getAlarm())
  }

  /** It is set to fire then, or not at all. */
  learn(at: number | null): void {
    this.#at = at
  }

  get isSet(): boolean {
    return this.#at !== null
  }

  /** Sets it, if it would fire later than this or not at all: a write saved per command. */
  arm(at: number | null): void {
    if (at === null || (this.#at !== null && this.#at <= at)) return
    this.#at = at
    this.#storage.setAlarm(at)
  }

  /** Has it fire at once, in the place of one that was lost. */
  standIn(now: number): void {
    this.#standsIn = now + 1
    this.arm(this.#standsIn)
  }

  /** It fires. Answers from when on send slots are to be looked at. */
  fired(scheduled: number | undefined): number {
    const at = scheduled ?? this.#at ?? 0
    this.#at = null
    return at === this.#standsIn ? 0 : at
  }

  /**
   * Sets it to what is left once a firing has done its work. One that came only to see that work done would bring back an
   * object that was let go meanwhile, which would set the next, and so on for as long as the task is open. One whose time has
   * come by `now` is about to fire for a slot that nobody looked at yet: it stays.
   */
  settle(at: number | null, now: number): void {
    if (at === null) this.clear()
    else if (this.#at !== null && this.#at > now && this.#at < at) {
      this.#at = at
      this.#storage.setAlarm(at)
    } else this.arm(at)
  }

  /** Takes it back: one that fires for nothing is a request, and keeps the object in memory. */
  clear(): void {
    if (this.#at === null) return
    this.#at = null
    this.#storage.deleteAlarm()
  }
}
