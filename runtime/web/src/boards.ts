/** What boards, calendars, timelines and trees do. */
import { prepareBoards, startBoards } from "./board.ts";
import { run } from "./parts.ts";
import { prepareSpans, startSpans } from "./spans.ts";
import { startTrees } from "./tree.ts";

run({ starts: [startBoards, startSpans, startTrees], prepares: [prepareBoards, prepareSpans] });
