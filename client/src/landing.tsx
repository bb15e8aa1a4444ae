import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/page.css";
import { render } from "preact";
import { LandingPage } from "./views/landing-page";

render(<LandingPage />, document.getElementById("page") as HTMLElement);
