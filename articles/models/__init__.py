"""The models of articles, by subject."""

from articles.models.article import Access, Article, Byline
from articles.models.correction import Correction, Withdrawal
from articles.models.edition import Edition, EditionBody, EditionByline, EditionPhoto, EditionQuerySet
from articles.models.front_page import Lead
from articles.models.note import Mention, Note
from articles.models.photo import Photo
from articles.models.taxonomy import Section, Topic
from articles.models.unsaved import Presence, UnsavedWork
from articles.models.workflow import Action, State, WorkflowEvent, WorkflowState

__all__ = [
    "Access",
    "Action",
    "Article",
    "Byline",
    "Correction",
    "Edition",
    "EditionBody",
    "EditionByline",
    "EditionPhoto",
    "EditionQuerySet",
    "Lead",
    "Mention",
    "Note",
    "Photo",
    "Presence",
    "Section",
    "State",
    "Topic",
    "UnsavedWork",
    "Withdrawal",
    "WorkflowEvent",
    "WorkflowState",
]
