/** The tools that every team has, with no set-up. Blueprint: handlers.md, Tools. */
import type { Tool } from '../tool.ts'
import { askPerson } from './ask-person.ts'
import { postSlack } from './post-slack.ts'
import { sendEmail } from './send-email.ts'

export const BUILT_IN: readonly Tool[] = [sendEmail, postSlack, askPerson]
