/** The labs' own handles in the catalogue by region, for the checks of the modelled totals only. */
export const LAB_HANDLES = {
  unitedStates: words(`
    agentica-org allenai amazon amd answerdotai apple arcee-ai berkeley-nest databricks datalab-to
    deepcogito EssentialAI facebook FacebookAI fal google h2oai HuggingFaceFW HuggingFaceH4
    HuggingFaceM4 HuggingFaceTB ibm-granite ibm-research LiquidAI llava-hf lmsys meta-llama microsoft
    moondream mosaicml Nexusflow nomic-ai NousResearch nvidia open-r1 open-thoughts openai
    openai-community OpenHands openvla PrimeIntellect RekaAI Salesforce ServiceNow-AI Snowflake
    state-spaces togethercomputer vikhyatk Writer xai-org zed-industries Zyphra
  `),
  china: words(`
    01-ai AIDC-AI Alibaba-NLP BAAI baichuan-inc baidu BelleGroup ByteDance ByteDance-Seed deepseek-ai
    Duxiaoman-DI FireRedTeam FunAudioLLM GAIR GSAI-ML huawei-noah IDEA-CCNL inclusionAI internlm
    Kwaipilot m-a-p meituan-longcat MiniMaxAI moonshotai Nanbeige openbmb opendatalab OpenGVLab
    PaddlePaddle PRIME-RL qihoo360 Qwen rednote-hilab sensenova Skywork stepfun-ai Tele-AI tencent
    Tongyi-MAI vivo-ai Wan-AI XiaomiMiMo zai-org
  `),
  europe: words(`
    AI-MO AI-Sweden-Models Aleph-Alpha black-forest-labs BSC-LT clibrain CYFRAGOVPL docling-project
    Freepik Hcompany ilsp INSAIT-Institute JetBrains jinaai KBLab kyutai laion LeoLM lightonai LumiOpen
    mistral-community mistralai norallm NYTK openGPT-X OpenLLM-France PleIAs ReliableAI sapienzanlp
    smallcloudai speakleash stabilityai swiss-ai TildeAI tngtech utter-project vidore
  `),
  elsewhere: words(`
    22h abeja ai-forever ai-sage ai21labs ai4bharat aisingapore aubmindlab bigcode bigscience BlinkDL
    cerebras CohereLabs CoRover cyberagent Deci dicta-il EleutherAI elyza GoToCompany humain-ai
    inceptionai Jacaranda K-intelligence kakaocorp karakuri-ai krutrim-ai-labs lapa-llm lelapa
    LGAI-EXAONE lightblue line-corporation llm-jp LLM360 MaralGPT maritaca-ai masakhane matsuo-lab
    MediaTek-Research mesolitica Motif-Technologies naver naver-hyperclovax NCAIR1 NCSOFT pfnet QCRI
    Rakuten rinna RWKV sail SakanaAI sarvamai sbintuitions skt stockmark taide tiiuae TinyLlama
    tokyotech-llm trillionlabs TucanoBR typhoon-ai universitytehran upstage vinai vngrs-ai yandex
  `),
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
