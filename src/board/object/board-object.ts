/** The Board DO, one per workflow: shows flushes to the browsers that watch, and commits them to D1 in groups. It stores nothing; losing it loses nothing. */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../../env.ts'
import { openTasks } from '../../records/task/boards.ts'
import type { Flush, FlushAnswer } from '../../records/task/flush.ts'
import { WATCHER_HEADER } from '../live.ts'
import type { BoardVerbs, IntakeLimit, Watcher } from '../rpc.ts'
import { Allowance } from './allowance.ts'
import { GroupCommit } from './group-commit.ts'
import { CLOSE_FOR_GOOD, LiveBoard, type LiveSocket } from './live-board.tsx'
import { admittedWatchers } from './watchers.ts'

export class BoardObject extends DurableObject<Env> implements BoardVerbs {
  #commit: GroupCommit
  #live: LiveBoard
  #allowance: Allowance

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#commit = new GroupCommit(env.DB)
    this.#allowance = new Allowance(env.DB)
    this.#live = new LiveBoard({
      sockets: () => this.#sockets(),
      openTasks: () => {
        const [watcher] = this.#sockets()
        return watcher ? openTasks(env.DB, watcher.watcher.team, watcher.watcher.workflow) : Promise.resolve([])
      },
      admitted: watchers => admittedWatchers(env.DB, watchers),
      now: () => Date.now(),
      after: (ms, then) => setTimeout(then, ms),
    })
    // Answered without waking the object, so that a browser can tell a dead line from a quiet one.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  async flush(flush: Flush): Promise<FlushAnswer> {
    this.#live.show(flush.row)
    try {
      return await this.#commit.add(flush)
    } finally {
      this.#live.settled(flush.row)
    }
  }

  async take(intake: string, limit: IntakeLimit): Promise<number> {
    return this.#allowance.take(intake, limit, Date.now())
  }

  async refresh(): Promise<void> {
    this.#live.refresh()
  }

  async closeSockets(whose: { person: string } | { session: string }): Promise<number> {
    const sockets = this.ctx.getWebSockets(tagOf(whose))
    for (const socket of sockets) socket.close(CLOSE_FOR_GOOD, 'no longer signed in')
    return sockets.length
  }

  /** Takes the socket of a watcher whom the Worker has let in. It hibernates: who watches costs nothing while nothing happens. */
  override async fetch(request: Request): Promise<Response> {
    const told = request.headers.get(WATCHER_HEADER)
    if (told === null || request.headers.get('upgrade') !== 'websocket') return new Response(null, { status: 400 })
    const watcher = JSON.parse(decodeURIComponent(told)) as Watcher
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.ctx.acceptWebSocket(ours, [tagOf({ person: watcher.person }), tagOf({ session: watcher.session })])
    ours.serializeAttachment(watcher)
    this.#live.welcome()
    return new Response(null, { status: 101, webSocket: theirs })
  }

  /** Browsers have nothing to say here. */
  override async webSocketMessage(): Promise<void> {}

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // 1005 and 1006 stand for "none" and may not be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code)
  }

  override async webSocketError(): Promise<void> {}

  async health(): Promise<{ rounds: number; tasks: number; refused: Record<string, string> }> {
    return { ...this.#commit.counts, refused: Object.fromEntries(this.#commit.refused) }
  }

  #sockets(): LiveSocket[] {
    return this.ctx.getWebSockets().flatMap(socket => {
      if (socket.readyState !== WebSocket.READY_STATE_OPEN) return []
      const watcher = socket.deserializeAttachment() as Watcher | null
      return watcher === null ? [] : [liveSocket(socket, watcher)]
    })
  }
}

/** Sending to a socket that has just gone must not keep the others from their news. */
function liveSocket(socket: WebSocket, watcher: Watcher): LiveSocket {
  return {
    watcher,
    send: text => quietly(() => socket.send(text)),
    close: (code, reason) => quietly(() => socket.close(code, reason)),
  }
}

function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // The socket is gone; its close is told apart.
  }
}

/** Tags hold 256 characters; an address holds at most 254. */
function tagOf(whose: { person: string } | { session: string }): string {
  return 'person' in whose ? `p:${whose.person.slice(0, 254)}` : `s:${whose.session.slice(0, 254)}`
}
