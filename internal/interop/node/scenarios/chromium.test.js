import { launch } from "../harness/browser.js";
import { stage } from "./stage.js";

stage(launch);
