/** Clients that send tasks in at an intake, again and again and through every fault, and write down what came of it. */
import { pause } from './api-client.ts'
import type { Sent } from './wholeness.ts'

export interface Intake {
  name: string
  url: string
  /** What a client sends under this key. */
  body(key: string): unknown
}

export interface Load {
  /** All that was sent, by intake. */
  history: Map<string, Sent[]>
  /** When the first request that was sent after `since` was answered; null: none yet. */
  answeredSince(since: number): number | null
  /** Different keys that were accepted so far. */
  accepted(): number
  /** Answers just when a request is on its way. */
  nextRequest(): Promise<void>
  /** From now on only what was never answered is sent. Answers when all of it was. */
  stop(): Promise<void>
}

export interface LoadOptions {
  apiKey: string
  random(): number
  clients: number
  /** Between a client's requests, on average. */
  pauseMs: number
}

const PATIENCE_MS = 5000

/**
 * Starts the clients. Of ten requests, three come under a key that was used before: two of them beside the first, as a
 * client does that lost its patience, and one later, perhaps after a kill. A request that broke is sent again until it
 * is answered, as Idempotency-Key is meant to be used.
 */
export function startLoad(intakes: Intake[], { apiKey, random, clients, pauseMs }: LoadOptions): Load {
  const history = new Map<string, Sent[]>(intakes.map(intake => [intake.name, []]))
  const answers: { sentAt: number; at: number }[] = []
  const accepted = new Set<string>()
  const waiting: (() => void)[] = []
  let made = 0
  let running = true

  async function send(intake: Intake, key: string): Promise<boolean> {
    const sent: Sent = { key, sentAt: Date.now(), endedAt: 0, status: null }
    history.get(intake.name)!.push(sent)
    try {
      const answered = fetch(intake.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(intake.body(key)),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      for (const go of waiting.splice(0)) setTimeout(go, 2)
      const response = await answered
      const answer = (await response.json()) as { task?: { id: string }; duplicate?: boolean }
      Object.assign(sent, { status: response.status, task: answer.task?.id, duplicate: answer.duplicate })
      answers.push({ sentAt: sent.sentAt, at: Date.now() })
      if (response.status === 202) accepted.add(key)
    } catch {
      // The connection broke, or nobody listens: it was perhaps accepted, perhaps not.
    }
    sent.endedAt = Date.now()
    return sent.status !== null
  }

  async function untilAnswered(intake: Intake, key: string): Promise<void> {
    while (!(await send(intake, key))) await pause(100 + 200 * random())
  }

  async function client(): Promise<void> {
    while (running) {
      const intake = intakes[Math.floor(random() * intakes.length)]!
      const earlier = history.get(intake.name)!
      const dice = random()
      if (dice < 0.1 && earlier.length > 0) {
        await untilAnswered(intake, earlier[Math.floor(random() * earlier.length)]!.key)
      } else {
        const key = `${intake.name} ${String(++made).padStart(4, '0')}`
        const copies = dice < 0.32 ? 2 : 1
        await Promise.all(Array.from({ length: copies }, () => untilAnswered(intake, key)))
      }
      await pause(pauseMs * 2 * random())
    }
  }

  const all = Promise.all(Array.from({ length: clients }, client))
  return {
    history,
    answeredSince: since => answers.find(each => each.sentAt > since)?.at ?? null,
    accepted: () => accepted.size,
    nextRequest: () => new Promise(resolve => waiting.push(resolve)),
    stop: async () => {
      running = false
      await all
    },
  }
}
