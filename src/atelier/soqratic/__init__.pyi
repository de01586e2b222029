from atelier.soqratic.finding import Declined as Declined
from atelier.soqratic.finding import Finding as Finding
from atelier.soqratic.finding import FindingKind as FindingKind
from atelier.soqratic.finding import Question as Question
from atelier.soqratic.finding import Review as Review
from atelier.soqratic.reviewed import review_text as review_text
from atelier.soqratic.reviewing import review as review
