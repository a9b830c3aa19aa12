/** What other parts may call on a team's Gate, as types. Callers reach it with `gateStub` (env.ts) and never import the class. */
import type { GateFigures, Standing } from '../domain/gate/figures.ts'
import type { CallEnd } from '../domain/gate/lane.ts'
import type { Ask } from '../domain/gate/state.ts'
import type { Waits } from '../domain/gate/waits.ts'

/** How a call ended. */
export interface EndedCall {
  end: CallEnd
  /** USD. */
  cost: number
  /** When it began, in ms since the epoch, and how many were under way where it was made. */
  began: number
  flight: number
}

export interface GateVerbs {
  /** Which calls must ask; good for some seconds. */
  standing(): Promise<Standing>
  /**
   * Asks for leave to make a call; what it must wait for, or null: go. With leave already, for the next call of the same run;
   * `settled` is what the calls under it cost since it was asked last, in USD.
   */
  take(ask: Ask, settled?: number): Promise<Waits | null>
  /** Tells how a call ended. What its run must wait for then, as the provider turned it away; null: nothing. */
  end(ask: Ask, ended: EndedCall): Promise<Waits | null>
  /** Tells of USD that were spent for no task, such as when a person tries a model. */
  spent(cost: number): Promise<void>
  /** Its team is gone: nothing is kept. */
  forget(): Promise<void>
  /** How providers do and what was spent, at this moment. */
  figures(): Promise<GateFigures>
}
