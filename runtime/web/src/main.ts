import "./kith.css";
import { startBoards, prepareBoards } from "./board.ts";
import { prepareBulk, startBulk } from "./bulk.ts";
import { prepareCells, startCellKeys, startCells } from "./cells.ts";
import { startChoices, prepareChoices } from "./choices.ts";
import { startSpans, prepareSpans } from "./spans.ts";
import { prepareColumns, startColumns } from "./columns.ts";
import { prepareComposer, startComposer } from "./composer.ts";
import { startTrees } from "./tree.ts";
import { startDialogs } from "./dialogs.ts";
import { startDates, prepareDates } from "./dates.ts";
import { startDrafts, prepareDrafts } from "./drafts.ts";
import { prepareEdges } from "./edges.ts";
import { startFilter } from "./filter.ts";
import { startForms, prepareForms } from "./forms.ts";
import { startGrid } from "./grid.ts";
import { prepareInline, startInline } from "./inline.ts";
import { startKeys } from "./keys.ts";
import { startLayers } from "./layers.ts";
import { startLive } from "./live.ts";
import { startLookups, prepareLookups } from "./lookup.ts";
import { startMenus } from "./menus.ts";
import { startNavigation } from "./navigation.ts";
import { startPast } from "./past.ts";
import { startPalette } from "./palette.ts";
import { startPanels } from "./panels.ts";
import { startPeek, startPeekKeys } from "./peek.ts";
import { startPlace } from "./place.ts";
import { startProgress } from "./progress.ts";
import { startQuick } from "./quick.ts";
import { prepareReacting } from "./reacting.ts";
import { startRecent } from "./recent.ts";
import { prepareRelated, startRelated } from "./related.ts";
import { startRequests } from "./requests.ts";
import { startRows } from "./rows.ts";
import { startSearch } from "./search.ts";
import { startSections, prepareSections } from "./sections.ts";
import { startSession } from "./session.ts";
import { startTabs, prepareTabs } from "./tabs.ts";
import { startTheme } from "./theme.ts";
import { startToasts, prepareToasts } from "./toasts.ts";
import { startTrouble } from "./trouble.ts";
import { startWaiting } from "./waiting.ts";

// Each behaviour listens on the document once; only what needs an element of its own is prepared per piece of page.
const starts = [
  startRequests, startTheme, startNavigation, startPeekKeys, startCellKeys, startKeys, startGrid, startForms, startLookups, startRows, startTabs,
  startToasts, startMenus, startDialogs, startProgress, startTrouble, startWaiting, startInline, startPast,
  startBoards, startSpans, startTrees,
  startComposer, startRelated,
  startLayers, startFilter, startColumns, startPlace, startBulk, startCells, startLive, startPeek,
  startRecent, startSearch, startPalette, startPanels, startQuick,
  startSession, startDrafts, startDates, startSections, startChoices,
];
const prepares = [
  prepareDates, prepareForms, prepareReacting, prepareLookups, prepareTabs, prepareToasts, prepareInline,
  prepareBoards, prepareSpans,
  prepareComposer, prepareEdges,
  prepareDrafts, prepareSections, prepareChoices,
  prepareColumns, prepareBulk, prepareCells, prepareRelated,
];

function prepare(root: ParentNode): void {
  for (const behaviour of prepares) behaviour(root);
}

for (const start of starts) start();
prepare(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof HTMLElement) prepare(event.target);
});
