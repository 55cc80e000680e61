import "./kith.css";
import { startAhead } from "./ahead.ts";
import "./changes.ts"; // shared by further parts: in here it needs no file of its own
import { startChoices, prepareChoices } from "./choices.ts";
import { startDialogs } from "./dialogs.ts";
import { startDates, prepareDates } from "./dates.ts";
import { startDrafts, prepareDrafts } from "./drafts.ts";
import { prepareEdges } from "./edges.ts";
import { startFilter } from "./filter.ts";
import { startForms, prepareForms } from "./forms.ts";
import { startKeys } from "./keys.ts";
import { startLayers } from "./layers.ts";
import { startLookups, prepareLookups } from "./lookup.ts";
import { startMenus } from "./menus.ts";
import { startNavigation } from "./navigation.ts";
import { startPalette } from "./palette.ts";
import { startPanels } from "./panels.ts";
import { bring, prepare, run } from "./parts.ts";
import { startProgress } from "./progress.ts";
import { startQuick } from "./quick.ts";
import { prepareReacting } from "./reacting.ts";
import { startRecent } from "./recent.ts";
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

run({
  starts: [
    startRequests, startTheme, startNavigation, startAhead, startKeys, startForms, startLookups, startRows, startTabs,
    startToasts, startMenus, startDialogs, startProgress, startTrouble, startWaiting,
    startLayers, startFilter,
    startRecent, startSearch, startPalette, startPanels, startQuick,
    startSession, startDrafts, startDates, startSections, startChoices,
  ],
  prepares: [
    prepareDates, prepareForms, prepareReacting, prepareLookups, prepareTabs, prepareToasts, prepareEdges,
    prepareDrafts, prepareSections, prepareChoices,
  ],
});
bring(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof HTMLElement) prepare(event.target);
});
