"""Words of five further languages and the English lemma each stands for.

An empty lemma is a word that carries nothing here (articles, politeness). Accents do not matter: ``plain``
takes them off on both sides.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CJK", "CJK_LONGEST", "LANGUAGES", "plain"]


def plain(word: str) -> str:
    """Return ``word`` without its accents."""
    if word.isascii():
        return word
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _table(lines: str, *, accents: bool = False) -> dict[str, str]:
    """Read lines of the form ``lemma: word word ...``; the lemma ``-`` stands for none.

    Args:
        lines: The lines.
        accents: Whether the words keep their marks (Japanese voicing is one).
    """
    table: dict[str, str] = {}
    for line in lines.strip().splitlines():
        name, _, words = line.partition(":")
        target = "" if name.strip() == "-" else name.strip()
        for word in words.split():
            table[word if accents else plain(word)] = target
    return table


_SPANISH = _table("""
grid: cuadrícula cuadriculado rejilla tablero malla laberinto
up: arriba
down: abajo
left: izquierda izquierdo
right: derecha derecho
stay: quedarse queda permanecer permanece quieto quieta
wait: esperar espera
top: superior
bottom: inferior
corner: esquina rincón
centre: centro
north: norte
south: sur
east: este
west: oeste
move: moverse mueve mover desplazarse desplaza desplazar camina caminar
explore: explora explorar explore recorre recorrer explorador exploradora
reach: llegar llega llegue alcanzar alcanza alcance
avoid: evitar evita evite evitando
want: quiere desea busca
goal: meta objetivo
start: empieza empezar comienza comienzo inicia empezando partiendo
wall: muro muros pared paredes
row: fila filas
column: columna columnas
cell: celda celdas casilla casillas
room: habitación habitaciones cuarto cuartos sala salas
level: nivel niveles
battery: batería
arm: brazo brazos palanca palancas
price: precio precios
buy: comprar compra compre
sell: vender vende
hold: mantener mantiene
market: mercado
trader: comerciante operador
weather: clima
pit: pozo hoyo foso
state: estado estados
action: acción acciones
see: ve ver
hear: oye oír escucha
cautious: cauteloso cautelosa prudente cuidadoso cuidadosa
curious: curioso curiosa
can: puede pueden poder
or: o u
and: y e
by: por
of: de
in: en
with: con
at: a
from: desde
to: hacia hasta
not: no nunca
full: llena lleno
one: uno una un
two: dos
three: tres
four: cuatro
five: cinco
six: seis
seven: siete
eight: ocho
nueve: nueve
ten: diez
step: pasos paso
-: crea crear cree haz diseña diseñar un agente que se el la los las al del lo su sus mundo entorno robot y/o
-: pequeño pequeña para es está son ser hay por_favor favor modelo ir va ande anda sobre
""")
_SPANISH["nueve"] = "nine"
_SPANISH["un"] = _SPANISH["una"] = _SPANISH["uno"] = "a"

_FRENCH = _table("""
grid: grille quadrillage damier labyrinthe plateau
up: haut
down: bas
left: gauche
right: droite droit
stay: rester reste immobile place
wait: attendre attend
top: supérieur supérieure
bottom: inférieur inférieure
corner: coin
centre: centre milieu
north: nord
south: sud
east: est
west: ouest
move: déplacer déplace déplacent bouge bouger bouge marche
explore: explore explorer explorant explorateur exploratrice parcourt
reach: atteindre atteint atteigne rejoindre arriver
avoid: éviter évite évitant
want: veut souhaite
goal: but objectif
start: commence commencer commençant départ démarre
wall: mur murs
row: ligne lignes rangée rangées
column: colonne colonnes
cell: case cases cellule cellules
room: pièce pièces chambre chambres salle salles
level: niveau niveaux
battery: batterie
arm: bras levier leviers
price: prix
buy: acheter achète
sell: vendre vend
hold: conserver garder
market: marché
weather: météo
pit: trou puits fosse
state: état états
action: action actions
see: voit voir
hear: entend entendre
cautious: prudent prudente
curious: curieux curieuse
can: peut peuvent pouvoir
or: ou
and: et
by: par
of: de
in: dans en sur
with: avec
at: à
from: depuis
to: vers jusqu
not: ne jamais
full: pleine plein
a: un une
two: deux
three: trois
four: quatre
five: cinq
six: six
seven: sept
eight: huit
nine: neuf
ten: dix
step: pas
-: crée créer créez faites conçois concevoir agent qui se le la les au aux du des son sa ses il elle monde
-: environnement robot petit petite pour être soit sont des modèle va aller aille y ce cette
""")

_GERMAN = _table("""
grid: gitter raster spielfeld brett gitterwelt rasterwelt labyrinth spielbrett
up: hoch oben rauf aufwärts
down: runter unten herunter abwärts
left: links linke linken linker
right: rechts rechte rechten rechter
stay: bleiben bleibt stehenbleiben stehen bleibe
wait: warten wartet
top: obere oberen oberer
bottom: untere unteren unterer
corner: ecke
centre: mitte zentrum
north: norden nord
south: süden süd
east: osten ost
west: westen
move: bewegt bewegen bewege geht gehen läuft laufen
explore: erkundet erkunden erforscht erforschen entdecker erkunder
reach: erreichen erreicht
avoid: vermeiden vermeidet meidet meiden
want: will möchte
goal: ziel
start: startet beginnt starten beginnend start anfangs
wall: wand wände mauer mauern
row: zeile zeilen reihe reihen
column: spalte spalten
cell: zelle zellen feld felder feldern
room: raum räume räumen zimmer zimmern
level: stufe stufen niveau
battery: batterie akku
arm: arme armen hebel
price: preis preise preisen
buy: kaufen kauft kauf
sell: verkaufen verkauft
hold: halten hält
market: markt
weather: wetter
pit: grube loch
state: zustand zustände zuständen
action: aktion aktionen
see: sieht sehen
hear: hört hören
cautious: vorsichtiger vorsichtige vorsichtigen vorsichtig
curious: neugieriger neugierige neugierigen neugierig
can: kann können
or: oder
and: und
by: mal
in: im in
with: mit
at: an bei am
from: von vom
to: nach zu zum zur bis
not: nicht nie niemals
full: voll
of: aus
a: ein eine einen einem einer eines
two: zwei
three: drei
four: vier
five: fünf
six: sechs
seven: sieben
eight: acht
nine: neun
ten: zehn
step: schritt schritte
-: erstelle erzeuge erzeugen baue entwirf agent agenten der die das den dem des und/oder sich auf welt umgebung
-: roboter kleines kleiner kleine großes für ist sind es er sie modell bitte jeder jede
""")

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"es": _SPANISH, "fr": _FRENCH, "de": _GERMAN}

CJK: Final[Mapping[str, str]] = {
    **_table(
        """
grid: 网格 網格 格子世界 网格世界 棋盘 迷宫 グリッド グリッドワールド マス目 格子 盤面 迷路 方格
up: 上 向上 往上 上方 上へ
down: 下 向下 往下 下方 下へ
left: 左 向左 往左 左边 左へ 左侧
right: 右 向右 往右 右边 右へ 右侧
stay: 停留 不动 原地不动 停在原地 静止 保持不动 停 とどまる 留まる 止まる その場 静止する 停止 待機
wait: 等待 待つ
top: 上端
bottom: 下端
corner: 角 角落 隅 コーナー
centre: 中心 中央 中间 真ん中
north: 北
south: 南
east: 东 東
west: 西
move: 移动 移動 移動する 移动到 走 动く 動く 動き 動ける
explore: 探索 探险 探索者 探索する 探検 探検する
reach: 到达 到達 到達する 抵达 达到 たどり着く 着く
avoid: 避开 避免 躲避 避ける 回避 回避する
want: 想 想要 希望 要 たい
goal: 目标 目標 ゴール 终点
start: 开始 出发 起点 从头 始まる 始める スタート 開始 出発
wall: 墙 墙壁 壁 障害物 障碍
row: 行
column: 列
cell: 单元格 单元 マス セル 格
room: 房间 部屋
level: 级 级别 レベル 段階 档
battery: 电池 电量 バッテリー 電池
arm: 臂 アーム
price: 价格 価格
buy: 买 买入 購入 買う 买进
sell: 卖 卖出 売る 売却
hold: 持有 保持 保有 持つ
market: 市场 市場
weather: 天气 天気
pit: 坑 陷阱 穴
state: 状态 状態
action: 动作 行动 行動 アクション
see: 看到 看见 見る 見える
hear: 听到 听见 聞く
cautious: 谨慎 谨慎的 小心 慎重 慎重な
curious: 好奇 好奇的 好奇心 好奇心旺盛 好奇心旺盛な
can: 可以 能 能够 できる できます でき できて
or: 或 或者 または か
and: 和 与 及 と
by: 乘 乘以 かける 掛ける
in: 在 で 中 里 の中
with: 有 带有 带
from: 从 から
to: 到 へ まで
at: に
not: 不 不能 ない
full: 充满 满
of: 的 の
two: 二 两
three: 三
four: 四
five: 五
six: 六
seven: 七
eight: 八
nine: 九
ten: 十
-: 个 創建 创建 设计 生成 制作 做 一个 一 一個 智能体 代理 机器人 エージェント 作成 作成して 作って 作る
-: ください して して下さい する を は が も 、 ロボット ワールド 世界 环境 環境 并 上的 つの つ 是 它 能在 请
-: ます です ように し て ある いる な 者 模型 モデル 设 会 中的 上を 上で 地图 小
""",
        accents=True,
    ),
    "上的": "of",
    "上を": "in",
    "上で": "in",
}
CJK_LONGEST: Final = max(map(len, CJK))
