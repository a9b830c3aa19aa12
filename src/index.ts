/** The Worker: its four ways in and its Durable Objects. Wiring only. */
import type { Env, StepMessage } from './env.ts'
import { consume } from './execution/consumer.ts'
import { wakePastDue } from './execution/hourly.ts'
import { app } from './http/app.ts'
import { receiveMail } from './intake/mail/receive.ts'
import { sweepSchedules } from './intake/schedule/sweep.ts'
import { forgetDeliveries } from './records/deliveries.ts'

export { BoardObject } from './board/board-object.ts'
export { TaskObject } from './task/task-object.ts'

const HOURLY = '7 * * * *'

export default {
  fetch: app.fetch,
  queue: consume,
  async scheduled(controller, env) {
    if (controller.cron === HOURLY) {
      await wakePastDue(env, controller.scheduledTime)
      await forgetDeliveries(env.DB, Date.now())
    }
    // A late tick sweeps up to now.
    else await sweepSchedules(env, Math.max(controller.scheduledTime, Date.now()))
  },
  email: receiveMail,
} satisfies ExportedHandler<Env, StepMessage>
