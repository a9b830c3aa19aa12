/** The tools that every team has, with no set-up. */
import type { Tool } from '../tool.ts'
import { askPerson } from './ask-person.ts'
import { fetchPage } from './fetch-page.ts'
import { findTasks } from './find-tasks.ts'
import { postSlack } from './post-slack.ts'
import { readContext } from './read-context.ts'
import { searchWeb } from './search-web.ts'
import { sendEmail } from './send-email.ts'
import { startTask } from './start-task.ts'

export const BUILT_IN: readonly Tool[] = [
  sendEmail,
  postSlack,
  fetchPage,
  searchWeb,
  startTask,
  findTasks,
  readContext,
  askPerson,
]
