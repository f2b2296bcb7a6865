import { render } from "preact";
import { App } from "./app";
import { listen } from "./keys";
import { followLinks } from "./router";
import "./tokens.css";
import "./style.css";

followLinks();
listen();
render(<App />, document.getElementById("app")!);
