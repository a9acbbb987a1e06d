//! How a person gets around: menus, rooms, dialogs.

use serde_json::json;

use super::Person;

impl Person {
    /// Opens the menu and presses one of its buttons.
    pub async fn choose(&self, css: &str) {
        self.open_menu().await;
        self.click(css).await;
    }

    /// Opens the menu; on a phone it stands below the rooms, which are a view of their own.
    pub async fn open_menu(&self) {
        self.show_rooms().await;
        self.click("#menu-button").await;
    }

    /// Brings the rooms into sight, where they are not.
    pub async fn show_rooms(&self) {
        let beside = "document.querySelector('.rail').checkVisibility()";
        if !self.look::<bool>(beside).await {
            self.click("#to-rooms").await;
        }
    }

    /// Goes to the room of this name by its link, and waits until its messages are there.
    pub async fn enter(&self, room: &str) {
        self.show_rooms().await;
        let link = format!(
            "[...document.querySelectorAll('.rail a')]
                .find((link) => link.querySelector('.name').textContent === {})",
            json!(room)
        );
        self.until(&format!("a link to {room}"), &link).await;
        let clicked = self
            .browser
            .execute(format!("{link}.click()"), vec![])
            .await;
        clicked.unwrap();
        self.is_in(room).await;
    }

    /// Waits until the room of this name is open, with its messages.
    pub async fn is_in(&self, room: &str) {
        self.reads("h1", room).await;
        self.until(
            "its messages have come",
            "document.querySelector('main[data-stage=here]')",
        )
        .await;
    }

    /// Fills in the fields of a dialog, once it is open, and sends it.
    pub async fn fill(&self, dialog: &str, values: &[(&str, &str)]) {
        let open = format!("document.querySelector('{dialog}[open]')");
        self.until(&format!("{dialog} is open"), &open).await;
        for (name, value) in values {
            let field = self.find(&format!("{dialog} [name={name}]")).await;
            field.clear().await.unwrap();
            field.click().await.unwrap();
            self.type_in(value).await;
        }
        self.click(&format!("{dialog} footer .primary")).await;
    }

    /// Signs in with the form; the page comes back under that name.
    pub async fn sign_in(&self, name: &str, password: &str) {
        self.choose("#open-sign-in").await;
        self.fill("#sign-in-dialog", &[("name", name), ("password", password)])
            .await;
        self.reads("#me-name", name).await;
        self.is_live().await;
    }
}
