import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/page.css";
import { render } from "preact";
import { AboutPage } from "./views/about-page";

render(<AboutPage />, document.getElementById("page") as HTMLElement);
