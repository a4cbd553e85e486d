"""The survey with python-telegram-bot's `ConversationHandler` and `PicklePersistence`, on its own webhook."""

from __future__ import annotations

import logging
import os

from questions import QUESTIONS, THANKS, NotUnderstood
from telegram import ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.ext import (
    ApplicationBuilder,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)


async def ask(update: Update, index: int) -> int:
    question = QUESTIONS[index]
    keyboard = (
        ReplyKeyboardMarkup([[choice] for choice in question.choices], one_time_keyboard=True)
        if question.choices
        else ReplyKeyboardRemove()
    )
    await update.message.reply_text(
        f"Question {index + 1} of {len(QUESTIONS)}\n\n{question.text}", reply_markup=keyboard
    )
    return index


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["answers"] = []
    return await ask(update, 0)


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    answers = context.user_data["answers"]
    try:
        answers.append(QUESTIONS[len(answers)].understand(update.message.text))
    except NotUnderstood as problem:
        await update.message.reply_text(str(problem))
        return len(answers)
    if len(answers) < len(QUESTIONS):
        return await ask(update, len(answers))
    await update.message.reply_text(THANKS, reply_markup=ReplyKeyboardRemove())
    return ConversationHandler.END


async def cancel(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data.clear()
    await update.message.reply_text("Good bye.", reply_markup=ReplyKeyboardRemove())
    return ConversationHandler.END


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    application = (
        ApplicationBuilder()
        .token(os.environ["TOKEN"])
        .base_url(f"{os.environ['API_URL']}/bot")
        .persistence(PicklePersistence(filepath=os.environ["PICKLE"]))
        .build()
    )
    answering = [MessageHandler(filters.TEXT & ~filters.COMMAND, answer)]
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states=dict.fromkeys(range(len(QUESTIONS)), answering),
            fallbacks=[CommandHandler("cancel", cancel)],
            name="survey",
            persistent=True,
        )
    )
    application.run_webhook(
        listen="127.0.0.1",
        port=int(os.environ["PORT"]),
        url_path="telegram",
        webhook_url=f"https://127.0.0.1:{os.environ['PORT']}/telegram",
        secret_token=os.environ["SECRET"],
    )


if __name__ == "__main__":
    main()
