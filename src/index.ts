/** The Worker: its four ways in and its Durable Objects. Wiring only. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { app } from './app/app.ts'
import { sweepAbsences, sweepRemovals } from './approval/hand-over.ts'
import { tellBudget } from './approval/tell/budget.ts'
import { sweepDigests } from './approval/tell/digest.ts'
import { sweepMessages } from './approval/tell/message.ts'
import { sweepReviews } from './approval/tell/review.ts'
import { tellPeople } from './approval/tell/tell.ts'
import { sweepEnds } from './data/end/sweep.ts'
import { sweepRetention } from './data/retention/sweep.ts'
import type { Env, LaneMessage } from './env.ts'
import { sweepCallbacks } from './execution/callbacks/deliver.ts'
import { consume } from './execution/consumer.ts'
import { sweepFiles } from './files/sweep.ts'
import { GateObject as GateShell, type TellBudget } from './gate/object/gate-object.ts'
import { sweepAlerts } from './insight/alerts/sweep.ts'
import { mailRoots } from './insight/proof/proof-mail.ts'
import { sealDays } from './insight/proof/seal.ts'
import { receiveMail } from './intake/mail/receive.ts'
import { type From, type PageSwept, sweepPage, sweepSchedules } from './intake/schedule/sweep.ts'
import { forgetDeliveries } from './records/intake/deliveries.ts'
import { forgetBodies } from './records/intake/delivery-bodies.ts'
import { forgetSignedBodies } from './records/intake/signed-bodies.ts'
import { addUpFigures } from './records/task/add-up.ts'
import { forgetEvents } from './records/task/outside-events.ts'
import { forgetAnswers } from './records/task/recorded-answers.ts'
import { forgetShares } from './records/task/shares.ts'
import { forgetTries } from './records/task/told/code-tries.ts'
import { forgetDrafts } from './records/task/told/drafts.ts'
import { forgetMessages } from './records/task/told/messages.ts'
import { sweepGone } from './task/gone/delete-task.ts'
import { wakePastDue } from './task/hourly.ts'
import type { Tell } from './task/notice.ts'
import { TaskObject as TaskShell } from './task/object/task-object.ts'
import { sweepEvents } from './task/outside-event.ts'

export { BoardObject } from './board/object/board-object.ts'

/** The Task DO, given how people hear of what needs them. */
export class TaskObject extends TaskShell {
  protected override readonly tell: Tell = notice => tellPeople(this.env, notice, Date.now())
}

/** The Gate, given how people hear of what a budget comes to. */
export class GateObject extends GateShell {
  protected override readonly tell: TellBudget = (team, crossing) => tellBudget(this.env, team, crossing)
}

const HOURLY = '7 * * * *'

/** A page of the minute's sweep, as an invocation of its own: only the Worker itself can call it. */
export class SchedulePage extends WorkerEntrypoint<Env> {
  sweep(now: number, from: From): Promise<PageSwept> {
    return sweepPage(this.env, now, from)
  }
}

/** Sweeps a page through the Worker's own entrypoint; undefined where there is none, as in a test. */
function pageOf(ctx: ExecutionContext): Page | undefined {
  const { SchedulePage: own } = ctx.exports as { SchedulePage?: { sweep: Page } }
  if (own === undefined) return undefined
  return async (now, from) => {
    const swept: PageSwept & Partial<Disposable> = await own.sweep(now, from)
    // Until its answer is let go, the page's invocation is kept, and with it every object that it called.
    swept[Symbol.dispose]?.()
    return { ...swept }
  }
}

type Page = SchedulePage['sweep']

async function sweepTold(env: Env, now: number): Promise<void> {
  await sweepDigests(env, now)
  await sweepReviews(env, now)
  await sweepMessages(env, now)
}

export default {
  fetch: app.fetch,
  queue: consume,
  async scheduled(controller, env, ctx) {
    if (controller.cron === HOURLY) {
      await wakePastDue(env, controller.scheduledTime)
      const now = Date.now()
      await forgetDeliveries(env.DB, now)
      await forgetBodies(env.DB, now)
      await forgetSignedBodies(env.DB, now)
      await forgetEvents(env.DB, now)
      await forgetAnswers(env.DB, now)
      await forgetDrafts(env.DB, now)
      await forgetShares(env.DB, now)
      await forgetTries(env.DB, now)
      await forgetMessages(env.DB, now)
      await addUpFigures(env.DB, now)
      await sweepFiles(env, now)
      // What goes was sealed before.
      await sealDays(env, now)
      await mailRoots(env)
      await sweepRetention(env, now)
    }
    // A late tick sweeps up to now.
    else {
      const now = Math.max(controller.scheduledTime, Date.now())
      const sweeps = [
        sweepRemovals(env, now),
        sweepAbsences(env, now),
        sweepCallbacks(env, now),
        sweepEvents(env, now),
        sweepTold(env, now),
        sweepGone(env, now),
        sweepEnds(env, now),
        sweepAlerts(env, now),
      ]
      await Promise.all([sweepSchedules(env, now, pageOf(ctx)), ...sweeps])
    }
  },
  email: receiveMail,
} satisfies ExportedHandler<Env, LaneMessage>
