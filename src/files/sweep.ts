/**
 * What uploads leave behind: files that no task took in time, and content that nothing refers to. A task's word decides: it
 * takes nothing past an upload's time, so what it does not have an hour later it will never have.
 */
import { type Env, taskStub } from '../env.ts'
import { confirmFiles, freeObjects, overdueFiles } from '../records/file/files.ts'
import { giveBack } from './keep.ts'
import { sweepObject } from './store.ts'

/** Sweeps up to now, a page at a time; what fails is left for the next pass. */
export async function sweepFiles(env: Env, now: number): Promise<void> {
  for (const { team, id, task } of await overdueFiles(env.DB, now))
    await passingOver('file', async () => {
      const view = await taskStub(env, team, task).view()
      if (view?.files.some(file => file.id === id)) await confirmFiles(env.DB, team, [id])
      else await giveBack(env, team, [{ id }])
    })
  for (const key of await freeObjects(env.DB, now)) await passingOver('object', () => sweepObject(env, key, now))
}

async function passingOver(what: string, sweep: () => Promise<void>): Promise<void> {
  try {
    await sweep()
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: `sweep of a ${what}`, error: String(error) }))
  }
}
