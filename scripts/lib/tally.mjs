/** What a run of tests came to, phase by phase. A phase in which nothing ran has proved nothing, and fails. */

export class Tally {
  passed = 0
  failed = 0
  skipped = 0
  /** A line for each failure, in order. */
  failures = []
  #say
  #ci
  /** The files of which at least one test ran. */
  #files = new Set()

  /** `say` prints; `ci`: no one is there to notice a skip, so it is a failure. */
  constructor(say, ci) {
    this.#say = say
    this.#ci = ci
  }

  /** Runs one phase and says how many tests ran in it. What breaks outside a test is a failure too, and hides none of the others. */
  async phase(title, work) {
    this.#say(`\n— ${title}\n`)
    const [before, began] = [this.#ran, Date.now()]
    try {
      await work()
    } catch (error) {
      this.fail(`${title}, outside of any test: ${error.message}`, error.stack)
    }
    const ran = this.#ran - before
    this.#say(`${title}: ${ran} ran, in ${((Date.now() - began) / 1000).toFixed(0)} s\n`)
    if (ran === 0) this.fail(`${title}: nothing ran`)
  }

  get #ran() {
    return this.passed + this.#failedTests
  }

  #failedTests = 0

  /** Takes what became of one test; `file` is where it stands. */
  count(status, name, file) {
    const skipped = /^(skipped|todo|disabled)$/.test(status)
    if (skipped && !this.#ci) return this.skipped++
    if (status !== 'pending' && !skipped) this.#files.add(file)
    if (status === 'passed') return this.passed++
    if (status === 'pending') return this.fail(`${name} (never ran)`)
    if (skipped) return this.fail(`${name} (skipped, which CI does not allow)`)
    this.#failedTests++
    this.fail(name)
  }

  /** A failure that is no test's, with what was said of it. */
  fail(name, output = '') {
    this.failed++
    this.failures.push(name)
    if (output) this.#say(`${output.trimEnd()}\n`)
  }

  /** Fails for each of these files of which no test ran: no phase knows it. */
  missing(files) {
    for (const file of files) if (!this.#files.has(file)) this.fail(`${file}: no test of it ran`)
  }

  /** The last line of a run. */
  get line() {
    return `${this.passed} passed, ${this.failed} failed${this.skipped ? `, ${this.skipped} skipped` : ''}`
  }
}
