// Firefox as Debian has it, driven by WebDriver BiDi. FIREFOX names another one.
import puppeteer from "puppeteer-core";
import { stage } from "./stage.js";

stage(() =>
  puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX || "/usr/bin/firefox-esr",
    headless: true,
  }));
